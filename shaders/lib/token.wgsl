// The token rule (contract): token = number of the row's thresholds <= word.
// The including file declares `thresholds: array<u32>` [rows, V] and `guide: array<u32>` [rows, 2^guide_bits].
//
// Indexed search (Chen & Asau 1974): the word's top bits select a bucket; its guide entry holds the number of
// thresholds below the bucket (low half) and inside it (high half). Most buckets hold none; the others are bisected.
// Written without `if`: threads that disagree would take both sides.
fn token_of_word(word: u32, row: u32, vocab: u32, guide_bits: u32) -> u32 {
  // A shift by 32 is undefined, hence two.
  let bucket = (word >> 1u) >> (31u - guide_bits);
  let entry = guide[(row << guide_bits) + bucket];
  let first = row * vocab;
  var token = entry & 0xffffu;
  var end = token + (entry >> 16u);
  while (token < end) {
    let middle = (token + end) >> 1u;
    let passed = thresholds[first + middle] <= word;
    token = select(token, middle + 1u, passed);
    end = select(middle, end, passed);
  }
  return token;
}
