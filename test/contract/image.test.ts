import { readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '../..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

test('the image starts the server as npm start does', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: { start: string } };
  const command = /^CMD (.+)$/m.exec(read('Dockerfile'))?.[1] ?? '[]';

  expect(JSON.parse(command)).toEqual(scripts.start.split(' '));
});
