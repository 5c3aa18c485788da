import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import ts from 'typescript';

const ROOT = path.resolve(__dirname, '../..');

/** Paths of the TypeScript files of a folder of the project, from its root, e.g. `src/lib/uuid.ts`. */
export function listSourceFiles(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.posix.join(folder, ...file.split(path.sep)))
    .sort();
}

/** Text of a file of the project. */
export function readProjectFile(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

/** The files of the project that a file imports, types included. Packages are left out. */
export function listImports(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readProjectFile(file));
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => `${path.posix.join(path.posix.dirname(file), fileName)}.ts`);
}

/**
 * Every text in a file. A constant of the file that is put into a text is part of it, and is not listed by itself;
 * what else is put in is written as `${}`.
 */
export function listTexts(file: string): string[] {
  const source = ts.createSourceFile(file, readProjectFile(file), ts.ScriptTarget.Latest, true);
  const constants = new Map<string, ts.Expression>();
  const texts: ts.Expression[] = [];
  visitAll(source, (node) => {
    if (ts.isVariableDeclaration(node) && node.initializer)
      constants.set(node.name.getText(), node.initializer);
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) texts.push(node);
  });

  const parts = new Set<ts.Expression | undefined>();
  const read = (node: ts.Expression | undefined): string => {
    if (node && ts.isStringLiteralLike(node)) return node.text;
    if (!node || !ts.isTemplateExpression(node)) return '${}';
    const spans = node.templateSpans.map(({ expression, literal }) => {
      const constant = constants.get(expression.getText());
      parts.add(constant);
      return read(constant) + literal.text;
    });
    return node.head.text + spans.join('');
  };
  const contents = texts.map((node) => ({ node, content: read(node) }));
  return contents.filter(({ node }) => !parts.has(node)).map(({ content }) => content);
}

function visitAll(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visitAll(child, see));
}

/** Body rows of all Markdown tables of a text, cells trimmed and without the backticks of code. */
export function listTableRows(markdown: string): string[][] {
  const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
  const isRuler = (line: string | undefined) => line !== undefined && /^\|[\s:|-]+\|$/.test(line);
  return rows
    .filter((line, index) => !isRuler(line) && !isRuler(rows[index + 1]))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')),
    );
}
