/** RFC 3339 with a zone; seconds may have a fraction. Date.parse alone takes far more than this. */
const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:[Zz]|[+-](\d\d):(\d\d))$/;

/** Outside these years `toISOString` writes a year (0000, -000001, +010000) that PostgreSQL does not read. */
const FIRST_INSTANT = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * The instant, or null: a missing zone, 30 February and 24:00 are refused (security.md rule 19), and so is what lies
 * outside the years 1 to 9999 in UTC.
 */
export function parseDateTime(text: string): Date | null {
  const match = RFC_3339.exec(text);
  if (!match) return null;
  const [year, month, day, hour, minute, second, zoneHour, zoneMinute] = match.slice(1).map(Number);
  const daysInMonth = new Date(Date.UTC(2000 + ((year ?? 0) % 400), month ?? 0, 0)).getUTCDate();
  const isDate = month! >= 1 && month! <= 12 && day! >= 1 && day! <= daysInMonth;
  const isTime = hour! <= 23 && minute! <= 59 && second! <= 59;
  const isZone = match[7] === undefined || (zoneHour! <= 23 && zoneMinute! <= 59);
  if (!isDate || !isTime || !isZone) return null;
  const date = new Date(text.toUpperCase());
  return date.getTime() >= FIRST_INSTANT && date.getTime() <= LAST_INSTANT ? date : null;
}
