/** The first `count` items in order, never holding more than that many: what a sort with a limit needs. Equal items keep their order. */
export function collectTop<Item>(items: Iterable<Item>, count: number, compare: (left: Item, right: Item) => number): Item[] {
  const heap: Array<{ item: Item; position: number }> = [];
  const order = (left: { item: Item; position: number }, right: { item: Item; position: number }) =>
    compare(left.item, right.item) || left.position - right.position;
  let position = 0;
  for (const item of items) {
    const entry = { item, position: position++ };
    const worst = heap[0];
    if (heap.length < count) {
      heap.push(entry);
      siftUp(heap, heap.length - 1, order);
    } else if (worst && order(entry, worst) < 0) {
      heap[0] = entry;
      siftDown(heap, 0, order);
    }
  }
  return heap.sort(order).map(({ item }) => item);
}

// A heap with the greatest at the root: the one that the next smaller item pushes out.
function siftUp<Entry>(heap: Entry[], start: number, order: (left: Entry, right: Entry) => number): void {
  let at = start;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!swapIfGreater(heap, at, parent, order)) return;
    at = parent;
  }
}

function siftDown<Entry>(heap: Entry[], start: number, order: (left: Entry, right: Entry) => number): void {
  let at = start;
  for (;;) {
    const left = 2 * at + 1;
    const right = left + 1;
    const leftEntry = heap[left];
    const rightEntry = heap[right];
    if (leftEntry === undefined) return;
    const child = rightEntry !== undefined && order(rightEntry, leftEntry) > 0 ? right : left;
    if (!swapIfGreater(heap, child, at, order)) return;
    at = child;
  }
}

function swapIfGreater<Entry>(
  heap: Entry[],
  child: number,
  parent: number,
  order: (left: Entry, right: Entry) => number,
): boolean {
  const childEntry = heap[child];
  const parentEntry = heap[parent];
  if (childEntry === undefined || parentEntry === undefined || order(childEntry, parentEntry) <= 0) return false;
  heap[child] = parentEntry;
  heap[parent] = childEntry;
  return true;
}
