#!/usr/bin/env node
/** The command line: wires the program to the process, nothing else. */
import { main } from './cli/program.ts';

process.exitCode = await main(process.argv.slice(2));
