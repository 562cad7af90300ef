# The calls of the benchmark, for capnp-rpc.
@0xb1c5d0c3a7f1e264;

interface Bench {
  addGrade @0 (session :Data, promotion :UInt64, student :UInt64, value :Float64, coefficient :Float64, label :Text)
    -> (mark :UInt64);
  echo @1 (bytes :Data) -> (bytes :Data);
}
