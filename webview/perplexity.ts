import './policy.ts';
