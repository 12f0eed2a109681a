/** Results and errors as they cross threads and wires. */

/** Errors cross threads and wires as data: their class would be lost. */
export type Answer<Value> =
  { readonly value: Value } | { readonly error: { readonly name: string; readonly message: string } };

export async function answer<Value>(work: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    return { value: await work() };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { error: { name, message } };
  }
}
