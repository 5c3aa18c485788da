/** One setting of an environment: its kind, bounds and meaning. */
export interface Setting {
  readonly kind: 'integer' | 'text' | 'list' | 'choice' | 'flag';
  readonly default?: number | string | boolean;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
  /** Of a text: what it must look like, and how that is said. */
  readonly form?: { readonly fits: (text: string) => boolean; readonly words: string };
  readonly meaning: string;
}

/** What a setting is parsed to. */
export type ValueOf<S extends Setting> = S['kind'] extends 'integer'
  ? S extends { default: number }
    ? number
    : number | undefined
  : S['kind'] extends 'flag'
    ? boolean
    : S['kind'] extends 'list'
      ? readonly string[]
      : S extends { choices: readonly (infer C)[] }
        ? C
        : S extends { default: string }
          ? string
          : string | undefined;

/** Words that follow the setting's name, and do not repeat the value, which may be a secret. */
export class SettingFault {
  constructor(readonly message: string) {}
}

function parseDefault(setting: Setting): unknown {
  return setting.kind === 'list' ? [] : setting.default;
}

/** The default for a text that is absent or empty. */
export function parseSetting(setting: Setting, text: string | undefined): unknown {
  if (!text) return parseDefault(setting);
  switch (setting.kind) {
    case 'integer':
      return parseInteger(setting, text);
    case 'flag':
      return text === 'true' || text === 'false'
        ? text === 'true'
        : new SettingFault('must be true or false');
    case 'list':
      return Object.freeze(
        text
          .split(',')
          .map((part) => part.trim())
          .filter(Boolean),
      );
    case 'choice':
      return setting.choices?.includes(text)
        ? text
        : new SettingFault(`must be one of ${setting.choices?.join(', ')}`);
    case 'text':
      return !setting.form || setting.form.fits(text)
        ? text
        : new SettingFault(`must be ${setting.form.words}`);
  }
}

function parseInteger(
  { min = 0, max = Number.MAX_SAFE_INTEGER }: Setting,
  text: string,
): number | SettingFault {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  return new SettingFault(
    `must be a whole number of at least ${min}` +
      (max < Number.MAX_SAFE_INTEGER ? ` and at most ${max}` : ''),
  );
}
