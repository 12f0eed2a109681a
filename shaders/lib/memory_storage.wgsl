// Memory of a replica in a storage buffer, [slot][replica], for replicas that do not fit workgroup memory.
@group(2) @binding(3) var<storage, read_write> memory: array<u32>;

fn memory_place(thread: u32, item: u32) -> u32 { return item; }
fn memory_stride() -> u32 { return training.replica_count; }
