/**
 * English words that tell nothing of the topic: pronouns, articles, prepositions, conjunctions, auxiliary verbs and
 * adverbs of degree, with the pieces that contractions leave ("don't" is read as "don" and "t").
 */
const WORDS = `
  a about above across after afterwards again against ain all almost alone along already also although always am
  among amongst an and another any anybody anyhow anyone anything anyway anywhere are aren around as at away
  be became because become becomes becoming been before beforehand behind being below beside besides between beyond
  both but by can cannot could couldn did didn do does doesn doing don done down during each either else elsewhere
  enough etc even ever every everybody everyone everything everywhere except few for from further furthermore
  get gets getting give given go goes going gone got had hadn has hasn have haven having he hence her here hereby
  herein hers herself him himself his how however if in indeed instead into is isn it its itself just
  least less let lets ll made make makes making many may maybe me meanwhile might mightn mine more moreover most
  mostly much must mustn my myself namely need needn neither never nevertheless next no nobody none nor not nothing
  now nowhere of off often on once one ones only onto or other others otherwise ought our ours ourselves out over own
  per perhaps please put quite rather re really said same say says see seem seemed seeming seems several shall shan
  she should shouldn since so some somebody somehow someone something sometime sometimes somewhat somewhere still
  such than that the their theirs them themselves then thence there thereafter thereby therefore therein these they
  this those though through throughout thus to together too toward towards under unless until up upon us use used
  using ve very via was wasn way we well went were weren what whatever when whence whenever where whereas whereby
  wherein whereupon wherever whether which whichever while who whoever whole whom whose why will with within without
  won would wouldn yet you your yours yourself yourselves
`;

export const STOP_WORDS: ReadonlySet<string> = new Set(WORDS.trim().split(/\s+/));
