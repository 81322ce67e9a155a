export const OUTPUT_FORMATS = ['table', 'json', 'ndjson', 'name'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

export const readFormat = (value: string): OutputFormat => OUTPUT_FORMATS.find((format) => format === value) ?? 'table';
