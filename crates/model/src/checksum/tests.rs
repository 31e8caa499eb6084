use proptest::prelude::*;

use super::*;

/// The sum over these rows, of calls.
fn sum(rows: &[(u128, i64)]) -> Checksum {
    let mut sum = Checksum::EMPTY;
    for (id, version) in rows {
        sum.add(Uuid::from_u128(*id), *version, 1);
    }
    sum
}

/// The definition in whole numbers, without any care for their size.
fn by_definition(rows: &[(u128, i64)]) -> i64 {
    let prime = i128::from(PRIME);
    let total: i128 = rows
        .iter()
        .map(|(id, version)| {
            let high = i128::from((*id >> 64) as i64);
            let low = i128::from(*id as i64);
            (high * i128::from(ROOT) + low) % prime * (i128::from(*version) + 1) % prime
        })
        .sum();
    i64::try_from(total.rem_euclid(prime)).unwrap()
}

#[test]
fn an_empty_board_is_nothing() {
    assert_eq!(sum(&[]), Checksum::EMPTY);
}

#[test]
fn two_calls_that_change_versions_are_another_board() {
    let (a, b) = (0xaaaa_u128 << 64 | 1, 0xbbbb_u128 << 64 | 2);
    let one = sum(&[(a, 5), (b, 6)]);
    let other = sum(&[(a, 6), (b, 5)]);
    assert_eq!((one.version, one.calls), (other.version, other.calls));
    assert_ne!(one.checksum, other.checksum);
    assert_ne!(sum(&[(1 << 64, 5)]), sum(&[(1, 5)]), "the halves differ");
}

#[test]
fn the_answer_of_the_database_is_read() {
    let body = r#"[{"version":12,"calls":3,"checksum":32586}]"#;
    let read = Checksum::from_json(body).unwrap();
    assert_eq!((read.version, read.calls, read.checksum), (12, 3, 32_586));
    for body in [
        "[]",
        "{}",
        "",
        r#"[{"version":12,"calls":3}]"#,
        r#"[{"version":12,"calls":3,"checksum":null}]"#,
    ] {
        assert_eq!(Checksum::from_json(body), None, "{body}");
    }
}

#[test]
fn a_board_is_read_again_once_it_has_differed_for_two_seconds() {
    let (theirs, mine) = (sum(&[(1, 5)]), sum(&[(1, 4)]));
    let mut audit = Audit::default();
    assert!(!audit.compare(Some(theirs), theirs, 0));
    assert_eq!(audit.next_ms(), 5_000);
    assert!(!audit.compare(Some(theirs), mine, 5_000));
    assert_eq!(audit.next_ms(), 2_000, "ask again soon");
    assert!(!audit.compare(Some(theirs), mine, 6_999));
    assert!(audit.compare(Some(theirs), mine, 7_000));
    // The next snapshot gets its time as well.
    assert_eq!(audit.next_ms(), 5_000);
    assert!(!audit.compare(Some(theirs), mine, 12_000));
}

#[test]
fn a_change_on_its_way_is_waited_for_and_no_answer_says_nothing() {
    let (theirs, mine) = (sum(&[(1, 5)]), sum(&[(1, 4)]));
    for then in [Some(mine), None] {
        let mut audit = Audit::default();
        assert!(!audit.compare(Some(theirs), mine, 0));
        assert!(!audit.compare(then, mine, 2_000));
        assert!(
            !audit.compare(Some(theirs), mine, 4_000),
            "a new difference"
        );
    }
}

proptest! {
    #[test]
    fn the_sum_is_what_its_definition_says_and_the_order_does_not_matter(
        rows in prop::collection::vec((any::<u128>(), 0..=i64::MAX - 1), 0..20),
    ) {
        let mut turned = rows.clone();
        turned.reverse();
        prop_assert_eq!(sum(&rows), sum(&turned));
        prop_assert_eq!(sum(&rows).checksum, by_definition(&rows));
        prop_assert!((0..PRIME).contains(&sum(&rows).checksum));
    }

    #[test]
    fn a_row_more_a_row_less_or_a_row_changed_is_seen(
        rows in prop::collection::vec((any::<u128>(), 1..1_000_000_000_i64), 1..20),
        which in any::<prop::sample::Index>(),
        more in 1..1_000_i64,
    ) {
        let which = which.index(rows.len());
        let mut changed = rows.clone();
        changed[which].1 += more;
        prop_assert_ne!(sum(&rows).checksum, sum(&changed).checksum);
        changed.remove(which);
        prop_assert_ne!(sum(&rows).checksum, sum(&changed).checksum);
    }
}
