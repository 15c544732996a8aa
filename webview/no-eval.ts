/**
 * Imported before anything else by each panel: the checker of messages would try to compile code from text for speed,
 * which the panel's content security policy forbids and reports.
 */
import { config } from 'zod';

config({ jitless: true });
