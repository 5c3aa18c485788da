/** `postgresql://u:p@a:5432,b:5433/db` → one URL for each host. `URL` itself refuses such a list. */
export function splitHosts(url: string): string[] {
  const parts = /^(postgres(?:ql)?:\/\/(?:[^@/?]*@)?)([^/?@]*)(.*)$/s.exec(url);
  if (!parts) return [url];
  const [, start = '', hosts = '', rest = ''] = parts;
  return hosts.split(',').map((host) => start + host + rest);
}

/** Whether it can be read for each of its hosts. A `#` or `/` in a password that is not encoded is the usual reason. */
export function isDatabaseUrl(url: string): boolean {
  return /^postgres(?:ql)?:\/\/\S+$/.test(url) && splitHosts(url).every(isReadable);
}

function isReadable(url: string): boolean {
  try {
    // `u:p@/db?host=/tmp` names no host before the path, which pg takes and `URL` does not.
    const { username, password } = new URL(url.replace('@/', '@host/'));
    // Throws where a % begins no character.
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}
