/** Lists in control/ to which a line is added. */
import { readList } from '@yabumi/control'
import { readControlled, replace } from './files.ts'

/** Whatever else stands there stays. On the disk when this returns. @throws Trouble 4.3.0 */
export function addLine(name: string, line: string): void {
  if (readList(name)?.some((each) => each.toLowerCase() === line)) return
  const text = readControlled(`control/${name}`) ?? ''
  replace(`control/${name}`, `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${line}\n`)
}
