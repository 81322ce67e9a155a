const JSON_TYPE = /^application\/(?:[^;\s]+\+)?json$/;

/** Whether 0.2 reads a body of this content type as JSON: also one without any. */
export function isLegacyJson(contentType: string | undefined): boolean {
  const [type = ''] = (contentType ?? '').split(';', 1);
  return type.trim() === '' || JSON_TYPE.test(type.trim().toLowerCase());
}
