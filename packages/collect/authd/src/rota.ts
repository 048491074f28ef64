/**
 * Who waits, by a path of names: at each level every name has one turn after the other, however many wait under it.
 *
 * The caller, the network and the client are the names. So one client has one place among those of its network, and a
 * network one among all.
 */
export class Rota<Waiter> {
  readonly #branches = new Map<string, Rota<Waiter>>()
  readonly #waiting: Waiter[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  add([name, ...further]: readonly string[], waiter: Waiter): void {
    this.#size += 1
    if (name === undefined) {
      this.#waiting.push(waiter)
      return
    }
    const branch = this.#branches.get(name) ?? new Rota<Waiter>()
    this.#branches.set(name, branch)
    branch.add(further, waiter)
  }

  /** Whose turn it is. */
  next(): Waiter | undefined {
    const [first] = this.#branches
    if (first === undefined) return this.#took(this.#waiting.shift())
    const [name, branch] = first
    const waiter = branch.next()
    this.#branches.delete(name)
    if (branch.size > 0) this.#branches.set(name, branch)
    return this.#took(waiter)
  }

  /** Take the youngest away from whoever has most; among those who have as many it is who came last. */
  drop(): Waiter | undefined {
    let heaviest: [string, Rota<Waiter>] | undefined
    for (const each of this.#branches) if (heaviest === undefined || each[1].size >= heaviest[1].size) heaviest = each
    if (heaviest === undefined) return this.#took(this.#waiting.pop())
    const [name, branch] = heaviest
    const waiter = branch.drop()
    if (branch.size === 0) this.#branches.delete(name)
    return this.#took(waiter)
  }

  #took(waiter: Waiter | undefined): Waiter | undefined {
    if (waiter !== undefined) this.#size -= 1
    return waiter
  }
}
