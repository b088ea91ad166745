/** The text of a call of an SQL function with `count` parameters: `call('select * from f', 2)` is `select * from f($1, $2)`. */
export function call(head: string, count: number, tail = ''): string {
  return `${head}(${Array.from({ length: count }, (_, at) => `$${at + 1}`).join(', ')}) ${tail}`
}
