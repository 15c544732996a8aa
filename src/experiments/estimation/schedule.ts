/**
 * How long work takes on several devices, where a task has one device at a time and may need others to be done. List
 * scheduling, of what is ready the task first on which the longest chain hangs: never more than twice the best possible
 * (Graham 1966), and close to it where few chains are long, as in an experiment. Pure.
 */

export interface Task {
  readonly id: string;
  /** Tasks to be done before; those that are not in the list are done already. */
  readonly inputs: readonly string[];
  readonly seconds: number;
}

/** From the beginning of the first task to the end of the last. The tasks stand after their inputs. */
export function scheduledSeconds(tasks: readonly Task[], devices: number): number {
  const users = usersOf(tasks);
  const ranks = chainsFrom(tasks, users);
  const open = new Map(tasks.map((task) => [task, inputsWithin(task, users)]));
  const ready = tasks.filter((task) => open.get(task) === 0);
  const running: { readonly task: Task; readonly end: number }[] = [];
  let now = 0;
  for (;;) {
    ready.sort((a, b) => rankOf(ranks, b) - rankOf(ranks, a));
    for (const task of ready.splice(0, devices - running.length)) {
      running.push({ task, end: now + task.seconds });
    }
    if (running.length === 0) return now;
    running.sort((a, b) => b.end - a.end);
    const done = running.pop();
    if (done === undefined) return now;
    now = done.end;
    for (const user of users.get(done.task.id) ?? []) {
      const left = (open.get(user) ?? 0) - 1;
      open.set(user, left);
      if (left === 0) ready.push(user);
    }
  }
}

/** Tasks of which each needs the one before, that take the longest together: no number of devices is faster. */
export function longestChain(tasks: readonly Task[]): readonly Task[] {
  const users = usersOf(tasks);
  const ranks = chainsFrom(tasks, users);
  const longest = (of: readonly Task[]): Task | undefined =>
    of.reduce<Task | undefined>(
      (a, b) => (a === undefined || rankOf(ranks, b) > rankOf(ranks, a) ? b : a),
      undefined,
    );
  const chain: Task[] = [];
  for (let task = longest(tasks); task !== undefined; task = longest(users.get(task.id) ?? []))
    chain.push(task);
  return chain;
}

/** By the id of a task, those that need it; of every task, in their order. */
function usersOf(tasks: readonly Task[]): ReadonlyMap<string, readonly Task[]> {
  const users = new Map<string, Task[]>(tasks.map(({ id }) => [id, []]));
  for (const task of tasks) for (const input of new Set(task.inputs)) users.get(input)?.push(task);
  return users;
}

const inputsWithin = ({ inputs }: Task, users: ReadonlyMap<string, unknown>): number =>
  [...new Set(inputs)].filter((input) => users.has(input)).length;

/** Seconds of the longest chain that begins with each task. */
function chainsFrom(
  tasks: readonly Task[],
  users: ReadonlyMap<string, readonly Task[]>,
): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  for (const task of tasks.toReversed()) {
    const next = (users.get(task.id) ?? []).map((user) => rankOf(ranks, user));
    ranks.set(task.id, task.seconds + Math.max(0, ...next));
  }
  return ranks;
}

const rankOf = (ranks: ReadonlyMap<string, number>, { id }: Task): number => ranks.get(id) ?? 0;
