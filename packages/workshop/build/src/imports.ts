/**
 * What a source file imports, found by its text: the formatter keeps every import in one of three forms.
 */
export interface Import {
  readonly specifier: string
  /** Only types: nothing is left of it at run time. */
  readonly typeOnly: boolean
  /** Without types; `*` for a whole module. */
  readonly names: readonly string[]
}

const forms = [
  /^\s*(?:import|export)\s+(type\s)?([^'"`;()]*?)\bfrom\s+['"]([^'"]+)['"]/gm,
  /^\s*import\s+()()['"]([^'"]+)['"]/gm,
  /(?:\bimport|\brequire|createRequire\([^)]*\)\)?)\(()()['"]([^'"]+)['"]\)/g,
]

/** The imports of a TypeScript source, in no particular order, one entry for each mention. */
export function importsOf(source: string): Import[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '')
  return forms.flatMap((form) =>
    [...code.matchAll(form)].map(([, type = '', clause = '', specifier = '']) => ({
      specifier,
      typeOnly: type !== '',
      names: type === '' ? namesIn(clause) : [],
    })),
  )
}

/** `a` and `c` of `{ a, type B, c as d }`. */
function namesIn(clause: string): string[] {
  const [, list] = /^\{([^}]*)\}\s*$/.exec(clause) ?? []
  if (list === undefined) return ['*']
  const each = list.split(',').map((name) => name.trim())
  return each.filter((name) => name !== '' && !name.startsWith('type ')).map((name) => name.replace(/ as .*/, ''))
}

/** `yargs` of `yargs/helpers`, `@yabumi/home` of itself. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
