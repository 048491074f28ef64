/**
 * What was read last in a turn, of a job that is not over. Names that have their slots at once are read through one
 * buffer.
 */
import { openSync } from 'node:fs'
import type { Job } from './job.ts'
import { Records } from './records.ts'

export class LastRead {
  #job: Job | undefined
  #records: Records | undefined

  /** The records of a job, from this offset or before. @throws the system's error if the file cannot be opened */
  recordsOf(job: Job, from: number): Records {
    const records = this.#records
    if (this.#job !== job || !records?.reaches(from)) return Records.ofFile(openSync(`queue/${job.file}`, 'r'), from)
    this.#records = undefined
    return records
  }

  /** The turn goes on with something else. */
  keep(job: Job, records: Records): void {
    this.forget()
    this.#job = job
    this.#records = records
  }

  /** Another turn begins. */
  forget(): void {
    this.#records?.close()
    this.#records = undefined
    this.#job = undefined
  }
}
