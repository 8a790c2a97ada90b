//! Statuses of cases, and the rules for changing them. Pure, except for reading a template's statuses.

use std::sync::Arc;

use docket_kernel::{
    Actor, CaseTemplateId, EnvironmentId, Json, Moment, Refusal, StatusId, UnitOfWork, Verb, Who, fold,
};

use crate::case::Case;
use crate::store::STATUSES_OF_TEMPLATE;
use crate::template::{CaseTemplate, template};

docket_kernel::text_enum! {
    /// What a status means for the life cycle of a case.
    pub enum StatusType {
        /// The initial status of every new case; exactly one status has this type.
        Initial = "initial",
        /// Open, after the initial status.
        Intermediate = "intermediate",
        /// Decided: the case is resolved.
        End = "end",
    }
}

docket_kernel::entity! {
    /// A status of a case template.
    pub struct CaseStatus in "case_status" {
        table: {
            rank: 51, lock: Config(version), scope: environment_id,
            unique: [], asked: ["template_id", "environment_id"]
        },
        /// Its id, which stays when it is renamed.
        id: StatusId,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The row version, incremented by every change.
        version: i64,
        /// The template it belongs to.
        template_id: CaseTemplateId,
        /// Its index in the list.
        position: i64,
        /// The display name.
        name: String,
        /// The name in the form in which names are compared.
        folded: String,
        /// The slug in setup bundles: unique in the template; a rename does not change it.
        slug: String,
        /// Its type.
        r#type: StatusType,
        /// A color, as `#rrggbb`.
        color: Option<String>,
        /// Whether a person must give a reason.
        require_comment: bool,
        /// Whether an API key must give a reason too, if a person must.
        comment_binds_keys: bool,
        /// Whether a workflow must give a reason too, if a person must.
        comment_binds_workflows: bool,
        /// The only statuses that may follow; `None` for any.
        allowed_next: Option<Json<Vec<StatusId>>>,
        /// Names it had before, which still resolve to it.
        former_names: Json<Vec<String>>,
        /// Names it had before another status took them: they no longer resolve to it.
        past_names: Json<Vec<String>>,
    }
}

impl CaseStatus {
    /// Whether this actor must give a reason for changing a case to this status. Docket itself never must.
    pub fn wants_comment_of(&self, who: &Who) -> bool {
        let is_bound = match who {
            Who::User { .. } => true,
            Who::Key { .. } => self.comment_binds_keys,
            Who::Run(_) | Who::Policy(_) => self.comment_binds_workflows,
            Who::System => false,
        };
        self.require_comment && is_bound
    }
}

/// The statuses of one template.
#[derive(Clone, Debug)]
pub struct Statuses {
    template: Arc<CaseTemplate>,
    list: Vec<Arc<CaseStatus>>,
}

/// The statuses of a template, in their order.
pub fn statuses_of(work: &mut UnitOfWork, template: &CaseTemplateId) -> Verb<Vec<Arc<CaseStatus>>> {
    let mut list = work.ask::<CaseStatus>(&STATUSES_OF_TEMPLATE, template.as_str())?;
    list.sort_by_key(|status| status.position);
    Ok(list)
}

impl Statuses {
    /// Reads the statuses of a template.
    pub fn of(work: &mut UnitOfWork, id: &CaseTemplateId) -> Verb<Self> {
        work.hint_ask(&STATUSES_OF_TEMPLATE, id.as_str());
        let template = template(work, id)?;
        let list = statuses_of(work, id)?;
        Ok(Self { template, list })
    }

    /// The statuses of a template, selected from a list that includes other templates' statuses.
    pub fn from(template: &Arc<CaseTemplate>, of_all: &[Arc<CaseStatus>]) -> Self {
        let mut list: Vec<_> = of_all.iter().filter(|status| status.template_id == template.id).cloned().collect();
        list.sort_by_key(|status| status.position);
        Self { template: Arc::clone(template), list }
    }

    /// All of them, in their order.
    pub fn list(&self) -> &[Arc<CaseStatus>] {
        &self.list
    }

    /// The template.
    pub fn template(&self) -> &Arc<CaseTemplate> {
        &self.template
    }

    /// The status with this id.
    pub fn by_id(&self, id: &StatusId) -> Option<&Arc<CaseStatus>> {
        self.list.iter().find(|status| status.id == *id)
    }

    /// The display name for an id.
    pub fn name<'s>(&'s self, id: &'s StatusId) -> &'s str {
        self.by_id(id).map_or(id.as_str(), |status| &status.name)
    }

    /// The initial status of every new case.
    pub fn initial(&self) -> Result<&Arc<CaseStatus>, Refusal> {
        self.list
            .iter()
            .find(|status| status.r#type == StatusType::Initial)
            .ok_or_else(|| Refusal::internal(format_args!("case template {} has no initial status", self.template.id)))
    }

    /// The status with a name or an id: by its current name, by the name of a removed status that it replaces, or by a
    /// former name, in this order. Names are compared in their folded form. An unknown name is refused with the list of
    /// existing statuses, and an ambiguous name with the statuses it matches.
    pub fn named(&self, name: &str) -> Result<&Arc<CaseStatus>, Refusal> {
        match self.find(name) {
            Found::One(status) => Ok(status),
            Found::None => Err(self.unknown(name)),
            Found::Several(several) => Err(self.ambiguous(name, &several)),
        }
    }

    /// Every status that a name resolves to: none, one, or several.
    pub fn all_named(&self, name: &str) -> Vec<&Arc<CaseStatus>> {
        match self.find(name) {
            Found::None => Vec::new(),
            Found::One(status) => vec![status],
            Found::Several(several) => several,
        }
    }

    /// Whether a name resolves to exactly one status, as in [`named`](Self::named).
    pub fn has(&self, name: &str) -> bool {
        matches!(self.find(name), Found::One(_))
    }

    fn find(&self, name: &str) -> Found<'_> {
        if let Some(status) = self.list.iter().find(|status| status.id.as_str() == name || status.name == name) {
            return Found::One(status);
        }
        let folded = fold(name);
        let present = self.present(name, &folded);
        if !matches!(present, Found::None) {
            return present;
        }
        match self.successor(&folded) {
            Some(status) => Found::One(status),
            None => Found::of(self.list.iter().filter(|status| any_is(&status.former_names, &folded))),
        }
    }

    /// The status with this current name. Names that predate the current naming rule may be equal under it; such twins
    /// are distinguished as before, ignoring only case.
    fn present(&self, name: &str, folded: &str) -> Found<'_> {
        let found = Found::of(self.list.iter().filter(|status| status.folded == folded));
        let Found::Several(twins) = &found else { return found };
        let in_small_letters = |name: &str| name.trim().to_lowercase();
        let wanted = in_small_letters(name);
        let told_apart = Found::of(twins.iter().copied().filter(|status| in_small_letters(&status.name) == wanted));
        if matches!(told_apart, Found::One(_)) { told_apart } else { found }
    }

    /// Everything that resolves to this status: its id, its name, its former names, and those of statuses it replaced.
    pub(crate) fn names_of(&self, id: &StatusId) -> Vec<String> {
        let own = self.list.iter().flat_map(|status| status.former_names.iter().chain([&status.name]));
        let retired = self.template.retired.iter().flat_map(|retired| &retired.names);
        let means = |name: &&String| self.named(name).is_ok_and(|named| named.id == *id);
        own.chain(retired).filter(means).cloned().chain([id.to_string()]).collect()
    }

    fn successor(&self, folded: &str) -> Option<&Arc<CaseStatus>> {
        // Of several removed statuses with the same name, the one removed last had the name last.
        let mut retired = self.template.retired.iter().rev().find(|retired| any_is(&retired.names, folded))?;
        for _ in 0..self.template.retired.len() {
            if let Some(status) = self.by_id(&retired.successor_id) {
                return Some(status);
            }
            retired = self.template.retired.iter().find(|next| next.id == retired.successor_id)?;
        }
        self.by_id(&retired.successor_id)
    }

    fn ambiguous(&self, name: &str, several: &[&Arc<CaseStatus>]) -> Refusal {
        let ids: Vec<_> = several.iter().map(|status| format!("'{}' ({})", status.name, status.id)).collect();
        let template = &self.template.name;
        Refusal::rule(
            "ambiguous-status",
            format_args!(
                "status '{name}' means several statuses of '{template}': {}; use the id of one, or rename the others",
                ids.join(", ")
            ),
        )
        .with(serde_json::json!({ "status": name, "statuses": several.iter().map(|s| &s.id).collect::<Vec<_>>() }))
    }

    fn unknown(&self, name: &str) -> Refusal {
        let known = self.list.iter().map(|status| status.name.as_str()).collect::<Vec<_>>().join(", ");
        let template = &self.template.name;
        Refusal::rule(
            "unknown-status",
            format_args!("status '{name}' is not one of the statuses of '{template}'; choose one of {known}"),
        )
        .with(serde_json::json!({ "status": name, "statuses": self.list.iter().map(|s| &s.name).collect::<Vec<_>>() }))
    }
}

/// The result of resolving a name.
enum Found<'s> {
    None,
    One(&'s Arc<CaseStatus>),
    Several(Vec<&'s Arc<CaseStatus>>),
}

impl<'s> Found<'s> {
    fn of(statuses: impl Iterator<Item = &'s Arc<CaseStatus>>) -> Self {
        let found: Vec<_> = statuses.collect();
        match found.as_slice() {
            [] => Self::None,
            [one] => Self::One(one),
            _ => Self::Several(found),
        }
    }
}

fn any_is(names: &[String], folded: &str) -> bool {
    names.iter().any(|name| fold(name) == folded)
}

/// The effect of changing a case's status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// The case already has the status.
    AlreadyThere,
    /// From one open status to another, or from one end status to another.
    Change,
    /// The case reaches an end status.
    Resolve,
    /// The case leaves an end status.
    Reopen,
}

/// The effect of changing a case from the status `from` to `to`. `explained`: a reason was given, or the actor does not
/// need one.
pub(crate) fn decide(
    from: &CaseStatus,
    to: &CaseStatus,
    statuses: &Statuses,
    explained: bool,
) -> Result<Move, Refusal> {
    if from.id == to.id {
        return Ok(Move::AlreadyThere);
    }
    if let Some(allowed) = &from.allowed_next
        && !allowed.contains(&to.id)
    {
        let names: Vec<_> = allowed.iter().map(|id| statuses.name(id)).collect();
        let (from, to, next) = (&from.name, &to.name, names.join(", "));
        let sentence = if names.is_empty() {
            format!(
                "a case that is '{from}' keeps that status; to change it, allow another status after it in the case template"
            )
        } else {
            format!("a case that is '{from}' can't change to '{to}'; its status can change to {next}")
        };
        return Err(Refusal::rule("status-not-allowed", sentence));
    }
    if to.require_comment && !explained {
        let sentence = format!("'{}' requires a comment", to.name);
        return Err(Refusal::rule("comment-required", sentence).at("/meta/comment"));
    }
    Ok(match (from.r#type == StatusType::End, to.r#type == StatusType::End) {
        (false, true) => Move::Resolve,
        (true, false) => Move::Reopen,
        _ => Move::Change,
    })
}

/// Applies the change to the case. From one end status to another it stays resolved, with the new resolution.
pub(crate) fn apply(case: &mut Case, to: &CaseStatus, actor: &Actor, now: Moment) {
    case.status_id = to.id.clone();
    case.touch(actor, now);
    if to.r#type == StatusType::End {
        case.resolution = Some(to.name.clone());
        case.resolved_at = Some(now);
        case.resolver_id.clone_from(&case.updater_id);
        case.resolver_type.clone_from(&case.updater_type);
    } else {
        case.resolution = None;
        case.resolved_at = None;
        case.resolver_id = None;
        case.resolver_type = None;
    }
    case.keep_open_assignee();
}

#[cfg(test)]
mod tests {
    use docket_kernel::{ApiKeyId, RunId, UserId};

    use super::*;
    use crate::template::Retired;

    fn status(id: &str, name: &str, r#type: StatusType) -> CaseStatus {
        CaseStatus {
            id: StatusId::of(id),
            environment_id: EnvironmentId::of("env_1"),
            version: 1,
            template_id: CaseTemplateId::of("ctmpl_1"),
            position: 0,
            name: name.into(),
            folded: fold(name),
            slug: docket_kernel::slug_of(name, "status"),
            r#type,
            color: None,
            require_comment: false,
            comment_binds_keys: false,
            comment_binds_workflows: false,
            allowed_next: None,
            former_names: Json::default(),
            past_names: Json::default(),
        }
    }

    fn statuses(list: Vec<CaseStatus>, retired: Vec<Retired>) -> Statuses {
        let template = CaseTemplate { retired: Json::new(retired), ..crate::template::tests::any() };
        Statuses { template: Arc::new(template), list: list.into_iter().map(Arc::new).collect() }
    }

    fn defaults() -> [CaseStatus; 4] {
        [
            status("cst_o", "Open", StatusType::Initial),
            status("cst_p", "Pending", StatusType::Intermediate),
            status("cst_a", "Approved", StatusType::End),
            status("cst_d", "Declined", StatusType::End),
        ]
    }

    #[test]
    fn the_effect_of_a_status_change_depends_on_both_statuses() {
        let [open, pending, approved, declined] = defaults();
        let all = statuses(defaults().to_vec(), vec![]);

        for (from, to, follows) in [
            (&open, &open, Move::AlreadyThere),
            (&open, &pending, Move::Change),
            (&pending, &approved, Move::Resolve),
            (&approved, &declined, Move::Change),
            (&declined, &open, Move::Reopen),
        ] {
            assert_eq!(decide(from, to, &all, true).unwrap(), follows, "{} to {}", from.name, to.name);
        }
    }

    #[test]
    fn only_allowed_statuses_may_follow_and_the_refusal_names_them() {
        let [mut open, pending, approved, _] = defaults();
        open.allowed_next = Some(Json::new(vec![pending.id.clone()]));
        let all = statuses(defaults().to_vec(), vec![]);

        assert!(decide(&open, &pending, &all, true).is_ok());
        let refusal = decide(&open, &approved, &all, true).unwrap_err();
        assert_eq!(refusal.code, "status-not-allowed");
        assert!(refusal.sentence.contains("its status can change to Pending"));
    }

    #[test]
    fn where_no_status_may_follow_the_refusal_says_so_and_what_to_do() {
        let [mut open, pending, ..] = defaults();
        open.allowed_next = Some(Json::new(vec![]));
        let all = statuses(defaults().to_vec(), vec![]);

        let refusal = decide(&open, &pending, &all, true).unwrap_err();

        assert_eq!(
            refusal.sentence,
            "a case that is 'Open' keeps that status; to change it, allow another status after it in the case template"
        );
    }

    #[test]
    fn a_status_that_requires_a_reason_is_refused_without_one() {
        let [open, _, mut approved, _] = defaults();
        approved.require_comment = true;
        let all = statuses(defaults().to_vec(), vec![]);

        assert_eq!(decide(&open, &approved, &all, false).unwrap_err().code, "comment-required");
        assert_eq!(decide(&open, &approved, &all, true).unwrap(), Move::Resolve);
    }

    #[test]
    fn a_comment_is_required_of_people_and_of_keys_and_workflows_if_the_status_says_so() {
        let person = Who::User { id: UserId::of("user_1"), email: "ada@lumen.example".into() };
        let key = Who::Key { id: ApiKeyId::of("api_1"), email: "ada@lumen.example".into() };
        let (run, policy) = (Who::Run(RunId::of("wfr_1")), Who::Policy("cap_1".into()));
        let [_, _, mut approved, _] = defaults();
        // Required, binds keys, binds workflows; needed by a person, a key, a run, a policy, Docket itself.
        for (settings, wanted) in [
            ([false, false, false], [false, false, false, false, false]),
            ([false, true, true], [false, false, false, false, false]),
            ([true, false, false], [true, false, false, false, false]),
            ([true, true, false], [true, true, false, false, false]),
            ([true, false, true], [true, false, true, true, false]),
            ([true, true, true], [true, true, true, true, false]),
        ] {
            [approved.require_comment, approved.comment_binds_keys, approved.comment_binds_workflows] = settings;
            let told = [&person, &key, &run, &policy, &Who::System].map(|who| approved.wants_comment_of(who));
            assert_eq!(told, wanted, "{settings:?}");
        }
    }

    #[test]
    fn a_status_is_found_by_any_name_it_ever_had() {
        let [open, mut pending, approved, _] = defaults();
        pending.former_names = Json::new(vec!["Waiting".into()]);
        let retired = |id: &str, name: &str, successor: &str| Retired {
            id: StatusId::of(id),
            slug: None,
            names: vec![name.into()],
            past_names: Vec::new(),
            successor_id: StatusId::of(successor),
        };
        let all = statuses(
            vec![open, pending, approved],
            vec![retired("cst_1", "Parked", "cst_2"), retired("cst_2", "Held", "cst_p")],
        );

        for (name, id) in
            [("open", "cst_o"), (" OPEN ", "cst_o"), ("waiting", "cst_p"), ("Parked", "cst_p"), ("held", "cst_p")]
        {
            assert_eq!(all.named(name).unwrap().id.as_str(), id, "{name}");
        }
        let refusal = all.named("Escalated").unwrap_err();
        assert!(refusal.sentence.contains("choose one of Open, Pending, Approved"), "{}", refusal.sentence);
    }

    #[test]
    fn a_present_name_goes_before_a_successor_and_a_successor_before_a_former_name_in_any_order() {
        let mut manual = status("cst_m", "Manual review", StatusType::Intermediate);
        manual.former_names = Json::new(vec!["Review".into(), "Parked".into()]);
        let review = status("cst_r", "Review", StatusType::Intermediate);
        let parked = Retired {
            slug: None,
            id: StatusId::of("cst_k"),
            names: vec!["parked".into()],
            past_names: Vec::new(),
            successor_id: review.id.clone(),
        };
        for list in [vec![manual.clone(), review.clone()], vec![review.clone(), manual.clone()]] {
            let all = statuses(list, vec![parked.clone()]);

            assert_eq!(all.named("REVIEW").unwrap().id, review.id);
            assert_eq!(all.named("Parked").unwrap().id, review.id);
            assert_eq!(all.named("manual  review").unwrap().id, manual.id);
        }
    }

    #[test]
    fn a_former_name_of_two_statuses_is_ambiguous_and_the_refusal_names_both() {
        let mut one = status("cst_1", "One", StatusType::Intermediate);
        let mut two = status("cst_2", "Two", StatusType::Intermediate);
        one.former_names = Json::new(vec!["Review".into()]);
        two.former_names = Json::new(vec!["review".into()]);
        let all = statuses(vec![one, two], vec![]);

        let refusal = all.named("Review").unwrap_err();

        assert_eq!(refusal.code, "ambiguous-status");
        assert!(refusal.sentence.contains("'One' (cst_1), 'Two' (cst_2)"), "{}", refusal.sentence);
        assert!(!all.has("Review"));
    }

    #[test]
    fn names_that_predate_the_naming_rule_resolve_as_before() {
        let sharp = status("cst_1", "Straße", StatusType::Intermediate);
        let double = status("cst_2", "Strasse", StatusType::Intermediate);
        let all = statuses(vec![sharp, double], vec![]);

        for (name, id) in [("Straße", "cst_1"), ("STRASSE", "cst_2"), ("straße ", "cst_1"), ("cst_2", "cst_2")] {
            assert_eq!(all.named(name).unwrap().id.as_str(), id, "{name}");
        }
        assert_eq!(all.named("Stra\u{df}\u{200b}e").unwrap_err().code, "ambiguous-status");
    }

    #[test]
    fn reaching_an_end_resolves_and_leaving_it_clears() {
        let [open, _, approved, _] = defaults();
        let mut case = crate::create::blank(&EnvironmentId::of("env_1"), "case_1", "ctmpl_1", &open.id, Moment(0));

        let ada = Who::User { id: UserId::of("user_1"), email: "ada@lumen.example".into() };
        let ada = Actor::new(ada, EnvironmentId::of("env_1"), [].into());
        apply(&mut case, &approved, &ada, Moment(5));
        assert_eq!(case.resolution.as_deref(), Some("Approved"));
        assert_eq!((case.resolved_at, case.resolver_id.as_deref()), (Some(Moment(5)), Some("ada@lumen.example")));

        apply(&mut case, &open, &ada, Moment(9));
        assert_eq!((case.resolution, case.resolved_at, case.resolver_id), (None, None, None));
        assert_eq!(case.updated_at, Some(Moment(9)));
    }
}
