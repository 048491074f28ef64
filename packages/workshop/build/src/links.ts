/** Find links of Markdown pages that lead to no file, or to no heading of one. Links to elsewhere are not looked at. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Every such link of a page, one line each. @param page - its path relative to the root */
export function linkProblems(root: string, page: string, markdown: string): string[] {
  const text = markdown.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap((match) => {
    const link = match[1] as string
    const [path = '', anchor] = link.split('#')
    if (/^[a-z]+:/.test(path)) return []
    const target = path === '' ? join(root, page) : join(root, dirname(page), path)
    if (!existsSync(target)) return [`${page}: ${link} leads to no file`]
    if (anchor === undefined || !target.endsWith('.md')) return []
    return headingsOf(readFileSync(target, 'utf8')).includes(anchor) ? [] : [`${page}: ${link} leads to no heading`]
  })
}

/** As forges name them: small letters, blanks as hyphens, marks left out. */
function headingsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map((match) =>
    (match[1] as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
