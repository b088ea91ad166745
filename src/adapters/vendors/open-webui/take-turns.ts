/**
 * Does the work for one key at a time. Who asks while it is under way gets the next turn, together with all who ask until then:
 * everybody's work begins after they asked.
 */
export function takeTurns<Result>(work: (key: string) => Promise<Result>): (key: string) => Promise<Result> {
  const turns = new Map<string, { readonly now: Promise<Result>; next?: Promise<Result> }>()

  function start(key: string): Promise<Result> {
    const now = work(key)
    const turn = { now }
    turns.set(key, turn)
    const leave = () => {
      if (turns.get(key) === turn) turns.delete(key)
    }
    now.then(leave, leave)
    return now
  }

  return (key) => {
    const turn = turns.get(key)
    if (turn === undefined) return start(key)
    turn.next ??= turn.now.then(
      () => start(key),
      () => start(key),
    )
    return turn.next
  }
}
