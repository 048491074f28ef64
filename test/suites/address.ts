/** Local parts and mailboxes by the strict grammar. */
import { isLocalPart, isMailbox } from '@yabumi/address'
import type { Case } from './suite.ts'

export function address({ input, expect }: Case): string | undefined {
  const { localpart, address: whole } = input as { localpart?: string; address?: string }
  const valid = localpart === undefined ? isMailbox(whole ?? '') : isLocalPart(localpart)
  return valid === expect['valid'] ? undefined : `valid is ${valid}`
}
