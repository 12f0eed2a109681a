/** The mark of Parquet, apart from its reader, which is fetched when a file needs it. */

/** Whether bytes begin as a Parquet file does. */
export const isParquet = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x41 && bytes[2] === 0x52 && bytes[3] === 0x31;
