/** The judge of lists in the DNS that all sessions share, loaded when the first of them needs it. */
import type { ListJudge } from '@yabumi/dnslists'

/** @param log - is told of lists that do not count */
export function oneListJudge(log: (line: string) => void): () => Promise<ListJudge> {
  let judge: Promise<ListJudge> | undefined
  return () => {
    judge ??= import('@yabumi/dnslists/judge').then((noun) => new noun.ListJudge(log))
    return judge
  }
}
