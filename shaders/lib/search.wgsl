// Parts of the token rule (token = number of the row's thresholds <= word) that the generated kernel of whole groups is made of.
// The including file declares `thresholds: array<u32>`.

// A word as it is drawn.
fn drawn(word: u32) -> u32 {
  return word;
}

// Whether a word lies below a threshold, both as signed numbers.
fn is_below(signed_word: i32, bound: i32) -> bool {
  return bound > signed_word;
}

// Whether a word passes its bucket's threshold, whose low bits an entry holds above `unit`.
fn passes(word_low: u32, entry: u32, unit: u32) -> bool {
  return bitcast<i32>(word_low * unit + (unit - 1u)) >= bitcast<i32>(entry);
}

// The first of `inside` thresholds from `token` on that the word does not pass; they begin at thresholds[first]. A loop that tests at
// its end: a software adapter runs the body of one that tests at its beginning once more, with all lanes off.
fn bisected(token: u32, inside: u32, first: u32, word: u32) -> u32 {
  var low = token;
  var high = token + inside;
  loop { // while low < high
    let middle = (low + high) >> 1u;
    let passed = low < high && thresholds[first + middle] <= word;
    low = select(low, middle + 1u, passed);
    high = select(middle, high, passed);
    continuing { break if low >= high; }
  }
  return low;
}
