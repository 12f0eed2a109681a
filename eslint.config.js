import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Files whose numbers decide a policy's integer masses: only our own exp and log give the same bits everywhere. */
const MASS_FILES = ['src/problem/**/*.ts', 'src/math/elementary.ts'];
const UNEVEN = [
  'exp',
  'expm1',
  'log',
  'log1p',
  'log2',
  'log10',
  'pow',
  'sin',
  'cos',
  'tan',
  'tanh',
  'cbrt',
  'hypot',
];

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'results', 'test/oracle', 'assembly'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      'max-params': ['error', 6],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Seeded draws only.' },
      ],
    },
  },
  {
    files: MASS_FILES,
    rules: {
      'no-restricted-properties': [
        'error',
        ...UNEVEN.map((property) => ({
          object: 'Math',
          property,
          message: 'Differs between engines; use portableExp and portableLog.',
        })),
      ],
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { globals: { process: 'readonly', URL: 'readonly', setTimeout: 'readonly' } },
  },
);
