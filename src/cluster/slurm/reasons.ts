/** Slurm's words for why a job waits or has ended, in plain ones. */

const REASONS: Readonly<Record<string, string>> = {
  Dependency: 'it needs the result of another job',
  DependencyNeverSatisfied: 'a job that it needs has failed',
  Priority: 'other jobs come first',
  Resources: 'no node is free that has what it asks for',
  Licenses: 'no licence is free that it asks for',
  Reservation: 'its reservation has not begun',
  BeginTime: 'Slurm starts it again in a moment',
  SchedDefer: 'Slurm looks at it in a moment',
  Cleaning: 'what it left when it last ran is tidied up',
  Prolog: 'its node is made ready',
  JobArrayTaskLimit: 'as many tasks of its array run as execution.slurm.concurrent allows',
  JobHeldUser: 'it is held: `scontrol release` lets it go',
  JobHeldAdmin: 'an administrator holds it: ask them',
  Suspended: 'it is suspended: Slurm lets it go on later, or `scontrol resume` does',
  PartitionDown: 'the partition is down',
  PartitionInactive: 'the partition takes no jobs now',
  PartitionTimeLimit: 'it asks for more time than the partition gives: set execution.slurm.time',
  PartitionNodeLimit: 'it asks for more nodes than the partition gives, or the partition has none that is up',
  PartitionConfig: 'the partition does not give what it asks for: correct execution.slurm',
  ReqNodeNotAvail: 'the nodes that it could run on are down, drained or reserved',
  NodeDown: 'its node went down',
  BadConstraints: 'no node has what it asks for: correct execution.slurm',
  AccountNotAllowed: 'the account may not use this partition: correct execution.slurm.account',
  InvalidAccount: 'the account is not valid: correct execution.slurm.account',
  InvalidQOS: 'the quality of service is not valid: correct execution.slurm.qos',
  QOSNotAllowed: 'this quality of service is not allowed here: correct execution.slurm.qos',
  QOSUsageThreshold: 'too much was used in this quality of service lately',
  MaxMemPerLimit: 'it asks for more memory than it may: set execution.slurm.memory',
  JobLaunchFailure: 'it could not be started on its node',
  NonZeroExitCode: 'it ended with an error',
  RaisedSignal: 'a signal ended it',
  SystemFailure: 'Slurm failed',
  TimeLimit: 'its time was over',
  DeadLine: 'its deadline is past',
  OutOfMemory: 'it used more memory than it had asked for',
};

/** What limits are about, by the middle of their names. */
const LIMITED: readonly (readonly [RegExp, string])[] = [
  [/Cpu.*Minutes/i, 'processor time'],
  [/Cpu/i, 'processors'],
  [/Mem/i, 'memory'],
  [/Gres|Tres/i, 'GPUs or other resources'],
  [/Billing/i, 'billed resources'],
  [/Licen[sc]e/i, 'licences'],
  [/Energy/i, 'energy'],
  [/Node/i, 'nodes'],
  [/Wall|Time/i, 'time'],
  [/Job|Submit/i, 'jobs'],
];

/** A reason for people; one that is not known stands for itself. */
export function reasonInWords(reason: string): string {
  // `ReqNodeNotAvail, UnavailableNodes:node[1-2]`, `RaisedSignal:9(Killed)`.
  const [name] = reason.split(/[,:(]/);
  if (Object.hasOwn(REASONS, name)) return REASONS[name];
  if (/requeued.held/i.test(reason)) {
    return 'Slurm could not start it and holds it now: `scontrol release` lets it go';
  }
  return limitInWords(name) ?? reason;
}

/** Of the limits that accounts and qualities of service have: dozens of names, made of parts. */
function limitInWords(name: string): string | undefined {
  const parts = /^(Assoc|QOS|Max)(Grp|Max|Min)?(\w+?)(Per\w+?)?(Limit)?$/i.exec(name);
  if (parts === null) return undefined;
  const [, owner, kind = '', middle, per = ''] = parts;
  const what = LIMITED.find(([pattern]) => pattern.test(middle))?.[1];
  if (what === undefined) return undefined;
  if (/min/i.test(kind)) return `it asks for less ${what} than it must: correct execution.slurm`;
  if (/job/i.test(per)) return `it asks for more ${what} than a job may: correct execution.slurm`;
  if (/node/i.test(per)) return `it asks for more ${what} of a node than it may: correct execution.slurm`;
  if (/user/i.test(per)) return `you use as much as you may at a time: ${what}`;
  const isAccounts = /assoc/i.test(owner) || /account/i.test(per);
  // `Max…` alone is a limit of an account or of a node.
  if (!isAccounts && /^max$/i.test(owner)) return undefined;
  const whose = isAccounts ? 'your account uses' : 'this quality of service has in use';
  return `${whose} as much as it may at a time: ${what}`;
}
