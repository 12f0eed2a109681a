/** What the host calls. */
export { firstFreeByte, sampleGroups, tokenOfWord, writeGuides, writeStream } from './sampling';
export { expOfReal, logOfReal, trainPack } from './training';
