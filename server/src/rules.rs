//! What a threshold may be, the same for the file and the page: the judge decides, here it is only asked.

use brokerscope_contract::{FieldProblem, Rule};
use brokerscope_judge::rule::problems;

/// The rule with its name trimmed, or everything that is wrong with it by the rule's own field names.
pub fn check(mut rule: Rule) -> Result<Rule, Vec<FieldProblem>> {
    rule.name = rule.name.trim().to_string();
    let problems = problems(&rule);
    if problems.is_empty() { Ok(rule) } else { Err(problems) }
}
