import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * Rules about single files. What takes the whole tree to judge (the ladder of folders, import cycles, SQL tags) is
 * in test/contract. Layout is Prettier's business.
 */

const NO_DEFAULT_EXPORT = {
  selector: 'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]',
  message: 'Export by name, so that a thing has one name everywhere.',
};
const FEW_PARAMETERS = [
  {
    // Not callbacks, whose parameters their caller chose, nor resolvers, whose decorated ones are named in the API.
    selector:
      ':function[params.length>3]:not(MethodDefinition[kind="constructor"] > *, CallExpression > *, :has(Decorator))',
    message: 'At most 3 parameters, then one object.',
  },
  {
    selector: 'MethodDefinition[kind="constructor"] > FunctionExpression[params.length>4]',
    message: 'At most 4 constructor parameters, then one object.',
  },
];
const INJECTED_TIME = [
  {
    selector:
      'NewExpression[callee.name="Date"][arguments.length=0], CallExpression[callee.object.name="Date"][callee.property.name="now"]',
    message: 'Take a Clock, so that a test can set the time. To measure a duration, use performance.now().',
  },
];
const NO_RANDOMNESS = {
  selector: 'MemberExpression[object.name="Math"][property.name="random"]',
  message: 'Rules are pure: take what chance decides as an argument.',
};
const NO_ENVIRONMENT = { object: 'process', property: 'env', message: 'Only src/config.ts knows settings.' };
const ENVIRONMENT_ONLY_FOR_CONFIG = {
  selector:
    'MemberExpression[object.name="process"][property.name="env"]:not(CallExpression[callee.name="readConfig"] > *)',
  message: 'process.env is only handed to readConfig.',
};

/** Suffix roles of the glossary: what a file with this suffix must not import. */
const SUFFIX_RULES = [
  {
    suffix: 'resolver',
    forbidden: '^(typeorm|pg)$|\\.entity$',
    message:
      'A resolver turns arguments into a call of a service; data is the business of services and stores.',
  },
  {
    suffix: 'routes',
    forbidden: '^(typeorm|pg|graphql|type-graphql)$',
    message: 'A route turns a request into a call of a service.',
  },
  {
    suffix: 'types',
    forbidden: '^(typeorm|pg)$|\\.entity$',
    message: 'Wire shapes are never the shapes of tables.',
  },
  {
    suffix: 'service',
    forbidden: '^(graphql|type-graphql|fastify|node:http|@apollo/.*)$|/(graphql|http)/',
    message: 'A use case does not know through which door it was called.',
  },
  {
    suffix: 'rules',
    forbidden: '^(?!\\.\\./(lib/|errors$)|\\.{1,2}/.*\\.rules$)',
    allowTypeImports: true,
    message: 'Rules are pure: only lib, errors, other rules, and types.',
  },
  {
    suffix: 'store',
    forbidden: '^(graphql|type-graphql|fastify)$|^\\.\\./.*\\.entity$',
    message: 'A store is SQL over its own tables.',
  },
  { suffix: 'entity', forbidden: '^(?!typeorm$)', message: 'An entity is columns and nothing else.' },
  {
    suffix: 'worker',
    forbidden: '^(graphql|type-graphql|fastify|node:http)$|/(graphql|http)/',
    message: 'A loop has no door.',
  },
].map(({ suffix, forbidden, message, allowTypeImports = false }) => ({
  files: [`src/**/*.${suffix}.ts`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      { patterns: [{ regex: forbidden, message, allowTypeImports }] },
    ],
  },
}));

export default defineConfig(
  { ignores: ['dist/', 'data/', 'coverage/', 'bench/results/', 'test/support/operations.ts'] },
  eslint.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: { eqeqeq: ['error', 'always', { null: 'ignore' }] },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'Buffer', 'URL', 'fetch', 'setTimeout'].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-console': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'no-restricted-properties': ['error', NO_ENVIRONMENT],
      'no-restricted-imports': ['error', 'process', 'node:process'],
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, ...FEW_PARAMETERS, ...INJECTED_TIME],
    },
  },
  {
    files: ['src/server.ts'],
    rules: {
      'no-restricted-properties': 'off',
      'no-restricted-syntax': [
        'error',
        NO_DEFAULT_EXPORT,
        ...FEW_PARAMETERS,
        ...INJECTED_TIME,
        ENVIRONMENT_ONLY_FOR_CONFIG,
      ],
    },
  },
  {
    files: ['src/**/*.rules.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        NO_DEFAULT_EXPORT,
        ...FEW_PARAMETERS,
        ...INJECTED_TIME,
        NO_RANDOMNESS,
      ],
    },
  },
  {
    files: ['bench/**/*.mjs'],
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT],
    },
  },
  // Programs that speak to a terminal.
  { files: ['src/server.ts', 'src/graphql/print-schema.ts'], rules: { 'no-console': 'off' } },
  { files: ['src/clock.ts'], rules: { 'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT] } },
  {
    files: ['test/**/*.ts'],
    rules: {
      // The matchers of Jest (expect.any(String)) are of type any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      // To count statements, a test wraps a method of the driver.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  ...SUFFIX_RULES,
);
