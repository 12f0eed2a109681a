// Memory of a replica in workgroup memory, [slot][thread]: each thread sees its own, so no barrier is needed.
override MEMORY_SLOTS: u32;

var<workgroup> memory: array<u32, MEMORY_SLOTS * WORKGROUP_SIZE>;

fn memory_place(thread: u32, item: u32) -> u32 { return thread; }
fn memory_stride() -> u32 { return WORKGROUP_SIZE; }
