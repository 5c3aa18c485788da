import { readFileSync } from 'node:fs';
import { startTestApp, type TestApp } from '../support/app';

interface Command {
  /** Variable of the shell that holds the credential. */
  readonly credential: string;
  readonly body: string;
  /** Variable that takes what is found in the answer. */
  readonly result: { readonly name: string; readonly pattern: string } | null;
  /** The comment below it. */
  readonly answer: string | null;
}

/** The `ask` lines of the README, in their order. */
function readCommands(): Command[] {
  const lines = readFileSync('README.md', 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    const match = /^(?:(\w+)=\$\()?ask \$(\w+) '(.*?)'(?:\s*\| grep -o '([^']+)'\))?$/.exec(line);
    if (!match) return [];
    const [, name, credential = '', body = '', pattern] = match;
    const comment = /^# (.*)$/.exec(lines[index + 1] ?? '')?.[1] ?? null;
    return [{ credential, body, result: name && pattern ? { name, pattern } : null, answer: comment }];
  });
}

describe('the README', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  test('shows what its commands answer', async () => {
    const shell: Record<string, string> = {
      WRITE_KEY: app.writeOnlyKey,
      READ_KEY: app.readWriteKey,
      SESSION: app.session,
    };
    // The one command that is REST.
    const event = { name: 'click', anonymousId: 'browser-7', timestamp: 1764000000000 };
    const commands = readCommands();
    const shown: { answer: string; got: string }[] = [];
    for (const [index, { credential, body, result, answer }] of commands.entries()) {
      const got = await post('/graphql', shell[credential] ?? '', body);
      if (index === 0) await post('/event/ingest', app.writeOnlyKey, JSON.stringify(event));
      if (result) shell[result.name] = new RegExp(result.pattern).exec(got)?.[0] ?? '';
      if (answer) shown.push({ answer, got: got.trim() });
    }
    expect(shown.map(({ got }) => got)).toEqual(shown.map(({ answer }) => answer));
    expect(shown).toHaveLength(6);
  });

  async function post(path: string, credential: string, body: string): Promise<string> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${credential}` };
    return (await fetch(app.url + path, { method: 'POST', headers, body })).text();
  }
});
