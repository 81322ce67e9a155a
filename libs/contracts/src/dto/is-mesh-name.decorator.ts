import { ValidateBy, type ValidationOptions } from 'class-validator';
import { isName, NAME_RULE } from '../names.js';

/** A name of an agent or script; a wrong one is malformed (400), not merely invalid. */
export const IsMeshName = (options?: ValidationOptions): PropertyDecorator =>
  ValidateBy(
    { name: 'isMeshName', validator: { validate: isName, defaultMessage: () => `has to be a name: ${NAME_RULE}` } },
    { context: { malformed: true }, ...options },
  );
