/** Whom questions go to: ask() of package dns, or who stands in for it. */
import type { Answer, Records } from '@yabumi/dns'

export type Ask = <T extends keyof Records>(name: string, type: T) => Promise<Answer<Records[T]>>
