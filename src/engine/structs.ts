/**
 * Host side of structs that a shader reads: all fields are u32, in order, 4 bytes each.
 * The schema names the fields as the .wgsl does; a test compares the two.
 */
export interface StructSchema<Field extends string> {
  readonly name: string;
  readonly fields: readonly Field[];
}

export function structSizeBytes(schema: StructSchema<string>): number {
  return schema.fields.length * 4;
}

/** @returns one u32 per field, in the schema's order */
export function structWords<Field extends string>(
  schema: StructSchema<Field>,
  values: Readonly<Record<Field, number>>,
): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(schema.fields, (field) => values[field]);
}
