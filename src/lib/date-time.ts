/** RFC 3339 with a zone; seconds may have a fraction. Date.parse alone takes far more than this. */
const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:[Zz]|[+-](\d\d):(\d\d))$/;

/** The instant, or null: a missing zone, 30 February and 24:00 are refused (security.md rule 19). */
export function parseDateTime(text: string): Date | null {
  const match = RFC_3339.exec(text);
  if (!match) return null;
  const [year, month, day, hour, minute, second, zoneHour, zoneMinute] = match.slice(1).map(Number);
  const daysInMonth = new Date(Date.UTC(2000 + ((year ?? 0) % 400), month ?? 0, 0)).getUTCDate();
  const isDate = month! >= 1 && month! <= 12 && day! >= 1 && day! <= daysInMonth;
  const isTime = hour! <= 23 && minute! <= 59 && second! <= 59;
  const isZone = match[7] === undefined || (zoneHour! <= 23 && zoneMinute! <= 59);
  return isDate && isTime && isZone ? new Date(text.toUpperCase()) : null;
}
