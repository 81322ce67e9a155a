import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import { MeshError, type FieldFault } from '@scriptmesh/contracts';
import type { ValidationError } from 'class-validator';

const BASIC_RULES = [
  'whitelistValidation',
  'isDefined',
  'isString',
  'isInt',
  'isNumber',
  'isBoolean',
  'isObject',
  'isArray',
];

/** Unknown fields are errors, nothing is coerced but what a DTO itself transforms; queries are 400, bodies 422 (400 for a wrong type of the whole). */
@Injectable()
export class StrictValidationPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      transform: true,
    });
  }

  override async transform(given: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const value = given === undefined && mayBeLeftOut(metadata) ? {} : given;
    if (metadata.type === 'body' && metadata.metatype !== undefined && !isPlainObject(value)) {
      throw new MeshError('request/malformed', 'the body is not a JSON object');
    }
    try {
      return (await super.transform(value, metadata)) as unknown;
    } catch (thrown) {
      const errors = (thrown as { response?: { errors?: readonly ValidationError[] } }).response?.errors;
      throw errors ? toFault(errors, metadata.type) : thrown;
    }
  }

  override createExceptionFactory() {
    return (errors: ValidationError[] = []) => ({ response: { errors } });
  }
}

function toFault(errors: readonly ValidationError[], from: ArgumentMetadata['type']): MeshError {
  const faults = errors.flatMap((error) => faultsOf(error, ''));
  const detail = `the ${from === 'body' ? 'body' : 'query'} is not valid: ${faults.map(({ path, message }) => `${path}: ${message}`).join('; ')}`;
  const malformed =
    from !== 'body' ||
    errors.some(({ contexts }) =>
      Object.values(contexts ?? {}).some((c: { malformed?: boolean }) => c.malformed === true),
    );
  return new MeshError(malformed ? 'request/malformed' : 'request/invalid', detail.slice(0, 1000), { faults });
}

function faultsOf(error: ValidationError, parent: string): readonly FieldFault[] {
  const path = (parent === '' ? error.property : `${parent}.${error.property}`).slice(0, 200);
  const own = mostTelling(error.constraints ?? {}).map((message) => ({ path, message: message.slice(0, 300) }));
  return [...own, ...(error.children ?? []).flatMap((child) => faultsOf(child, path))];
}

/** What is missing or of another type breaks every other rule, too: then that alone is told. */
function mostTelling(constraints: Readonly<Record<string, string>>): readonly string[] {
  const basic = BASIC_RULES.find((rule) => rule in constraints);
  return basic === undefined ? Object.values(constraints) : [constraints[basic] as string];
}

/** A body of which every field is optional, says its DTO. */
const mayBeLeftOut = ({ type, metatype }: ArgumentMetadata): boolean =>
  type === 'body' && metatype !== undefined && 'mayBeLeftOut' in metatype;

const isPlainObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
