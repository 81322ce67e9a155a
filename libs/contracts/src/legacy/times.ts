/** `YYYY-MM-DDTHH:MM:SS.ffffff`, UTC without a zone, as 0.2 writes `last_seen` and `last_checked`. */
export const toNaiveTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, -1)}000`;

/** The same with its zone, as 0.2 writes `timestamp`. */
export const toZonedTime = (ms: number): string => `${toNaiveTime(ms)}+00:00`;
