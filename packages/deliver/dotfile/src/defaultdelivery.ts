/** control/defaultdelivery: instructions for users who have none, as in a .qmail file. */
import { readControl } from '@yabumi/control'

const without = './Maildir/'

/** @param home - whose control/ it is. @throws Trouble 4.3.0 if it cannot be read */
export function readDefaultDelivery(home?: string): string {
  return readControl('defaultdelivery', home)?.replace(/(?<!\n)\n+$/, '') ?? without
}
