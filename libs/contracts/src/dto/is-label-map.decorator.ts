import { ValidateBy, type ValidationOptions } from 'class-validator';

const LABEL_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;
const MOST_LABELS = 64;
const MOST_CHARACTERS = 256;
const CONTROLS = /\p{Cc}/u;

/** An object of short texts under plain names. `nullable` allows null, which takes a label away. */
export const IsLabelMap = (nullable: boolean, options?: ValidationOptions): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isLabelMap',
      validator: {
        validate: (value: unknown) => isLabelMap(value, nullable),
        defaultMessage: () =>
          `has to hold at most ${MOST_LABELS} texts of at most ${MOST_CHARACTERS} characters under names of letters, digits, "_", "." and "-"`,
      },
    },
    options,
  );

function isLabelMap(value: unknown, nullable: boolean): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const pairs = Object.entries(value);
  return (
    pairs.length <= MOST_LABELS &&
    pairs.every(([name, text]) => LABEL_NAME.test(name) && name !== 'constructor' && isLabelValue(text, nullable))
  );
}

const isLabelValue = (text: unknown, nullable: boolean): boolean =>
  (nullable && text === null) || (typeof text === 'string' && text.length <= MOST_CHARACTERS && !CONTROLS.test(text));
