import { formatClearedSessionCookie, formatSessionCookie } from '../../../src/members/session-cookie';

test('scripts and other sites do not get the cookie', () => {
  expect(formatSessionCookie('fg_ss_token', { PUBLIC_URL: undefined, SESSION_MAX_MINUTES: 10 })).toBe(
    'fluxgate_session=fg_ss_token; HttpOnly; SameSite=Lax; Path=/; Max-Age=600',
  );
});

test.each(['https://api.example.com', 'HTTPS://api.example.com'])(
  'on %s it travels encrypted only',
  (PUBLIC_URL) => {
    expect(formatSessionCookie('t', { PUBLIC_URL, SESSION_MAX_MINUTES: 1 })).toMatch(/; Secure$/);
    expect(formatClearedSessionCookie({ PUBLIC_URL })).toMatch(/; Secure$/);
  },
);

test('on http it would be lost if it were Secure', () => {
  expect(
    formatSessionCookie('t', { PUBLIC_URL: 'http://localhost:4000', SESSION_MAX_MINUTES: 1 }),
  ).not.toContain('Secure');
});

test('a cleared cookie ends at once', () => {
  expect(formatClearedSessionCookie({ PUBLIC_URL: undefined })).toBe(
    'fluxgate_session=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0',
  );
});
