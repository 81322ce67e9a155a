import { Transform } from 'class-transformer';

/** Reads a query value that is written as plain digits as a number; everything else stays as it is and fails validation. */
export const WholeNumberQuery = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value,
  );
