//! Every limit of decoding at one less, exactly, and one more.
