-- grain: platform that pays the subsidy × worker_id × month that has ended: is it due, was it paid
-- kept: whole
-- Recomputed as rule P04 does: the order income of a month counts where most of it was earned, against that province's dated floor;
-- due where months_required of the last months_window reach it, this one too (current_month); amount = floor × share × contribution_rate.
-- paid: the subsidies of spells that touch the month (a monthly spell tells its amount). outcome: paid (due and paid), missing,
-- undue, amount (a monthly spell of another amount), not_due, unknown (income before the first report decides, or no floor known).
with clock as (
    select last_date as night, from marts.horizon
),
promising as (
    select distinct platform_code,
    from marts.cover
    where programme = 'pension_subsidy'
),
first_report as (
    select platform_code, extract(year from min(business_date)) * 12 + extract(month from min(business_date)) as first_no,
    from core.unit
    group by platform_code
),
term as (
    select
        c.date as month,
        cast(c.date + interval 1 month - interval 1 day as date) as month_end,
        extract(year from c.date) * 12 + extract(month from c.date) as month_no,
        w.number as months_window, r.number as months_required, s.number * t.number as share_of_floor, coalesce(u.number, 0) as needs_this_month,
    from ref.calendar c
    cross join clock k
    join ref.parameter w
        on w.parameter = 'pension_subsidy' and w.key = 'months_window'
        and w.valid_from < c.date + interval 1 month and (w.valid_to is null or w.valid_to >= c.date + interval 1 month)
    join ref.parameter r
        on r.parameter = 'pension_subsidy' and r.key = 'months_required'
        and r.valid_from < c.date + interval 1 month and (r.valid_to is null or r.valid_to >= c.date + interval 1 month)
    join ref.parameter s
        on s.parameter = 'pension_subsidy' and s.key = 'share'
        and s.valid_from < c.date + interval 1 month and (s.valid_to is null or s.valid_to >= c.date + interval 1 month)
    join ref.parameter t
        on t.parameter = 'pension_subsidy' and t.key = 'contribution_rate'
        and t.valid_from < c.date + interval 1 month and (t.valid_to is null or t.valid_to >= c.date + interval 1 month)
    left join ref.parameter u
        on u.parameter = 'pension_subsidy' and u.key = 'current_month'
        and u.valid_from < c.date + interval 1 month and (u.valid_to is null or u.valid_to >= c.date + interval 1 month)
    where extract(day from c.date) = 1 and c.date + interval 1 month <= k.night + interval 1 day
),
earned as (
    select
        w.platform_code, w.worker_id, w.province_code, w.month, max(w.last_date) as last_date, sum(w.worker_income_yuan) as income_yuan,
    from core.worker_month w
    join promising p on p.platform_code = w.platform_code
    group by w.platform_code, w.worker_id, w.province_code, w.month
),
income as (
    select
        platform_code, worker_id, month, extract(year from month) * 12 + extract(month from month) as month_no,
        max(last_date) as last_date, sum(income_yuan) as income_yuan,
        arg_max(province_code, concat(lpad(cast(income_yuan as varchar), 20, '0'), province_code)) as province_code,
    from earned
    group by platform_code, worker_id, month
),
floored as (
    select i.*, f.floor_yuan,
    from income i
    left join ref.contribution_floors f
        on f.province_code = i.province_code
        and (f.valid_from is null or f.valid_from <= i.last_date)
        and (f.valid_to is null or f.valid_to > i.last_date)
),
tallied as (
    select
        t.month, i.platform_code, i.worker_id,
        max(t.month_no) as month_no,
        max(t.months_window) as months_window,
        max(t.months_required) as months_required,
        max(t.needs_this_month) as needs_this_month,
        max(t.share_of_floor) as share_of_floor,
        count(case when i.income_yuan >= i.floor_yuan then 1 end) as months_reached,
        max(case when i.month_no = t.month_no then i.province_code end) as province_code,
        max(case when i.month_no = t.month_no then i.income_yuan end) as income_yuan,
        max(case when i.month_no = t.month_no then i.floor_yuan end) as floor_yuan,
        max(case when i.month_no = t.month_no and i.income_yuan >= i.floor_yuan then 1 else 0 end) as is_reached_now,
    from term t
    join floored i on i.month_no <= t.month_no and i.month_no > t.month_no - t.months_window
    group by t.month, i.platform_code, i.worker_id
),
paid as (
    select
        t.month, v.platform_code, v.worker_id, max(v.province_code) as province_code, sum(v.subsidy_yuan) as paid_yuan,
        max(
            case when v.covered_to is not null and date_diff('day', v.first_date, cast(v.covered_to as date)) <= 31 then 1 else 0 end
        ) as is_monthly,
    from term t
    join marts.cover v
        on v.programme = 'pension_subsidy' and v.first_date <= t.month_end and (v.last_date is null or v.last_date >= t.month)
    group by t.month, v.platform_code, v.worker_id
),
told as (
    select
        coalesce(a.month, p.month) as month,
        coalesce(a.platform_code, p.platform_code) as platform_code,
        coalesce(a.worker_id, p.worker_id) as worker_id,
        coalesce(a.province_code, p.province_code) as province_code,
        a.income_yuan, a.floor_yuan,
        coalesce(a.months_reached, 0) as months_reached,
        coalesce(
            a.months_reached >= a.months_required and a.floor_yuan is not null and (a.needs_this_month = 0 or a.is_reached_now = 1), false
        ) as is_due,
        case when a.floor_yuan is not null then cast(a.floor_yuan * a.share_of_floor as decimal(12, 2)) end as amount_yuan,
        p.worker_id is not null as is_paid,
        p.paid_yuan,
        coalesce(p.is_monthly, 0) as is_monthly,
    from tallied a
    full join paid p on p.month = a.month and p.platform_code = a.platform_code and p.worker_id = a.worker_id
)
select
    t.platform_code, t.province_code, t.worker_id, t.month, cast(t.income_yuan as decimal(18, 2)) as income_yuan, t.floor_yuan, t.months_reached, t.is_due,
    case when t.is_due then t.amount_yuan else 0 end as due_yuan,
    t.is_paid,
    cast(coalesce(t.paid_yuan, 0) as decimal(18, 4)) as paid_yuan,
    case
        when t.is_due and not t.is_paid then 'missing'
        when t.is_due and t.is_monthly = 1 and abs(coalesce(t.paid_yuan, 0) - t.amount_yuan) * 100 > 1 then 'amount'
        when t.is_due then 'paid'
        when g.province_code is null or f.first_no > m.month_no - m.months_window + 1 then 'unknown'
        when t.is_paid then 'undue'
        else 'not_due'
    end as outcome,
from told t
join term m on m.month = t.month
left join first_report f on f.platform_code = t.platform_code
left join ref.contribution_floors g
    on g.province_code = t.province_code
    and (g.valid_from is null or g.valid_from <= m.month_end)
    and (g.valid_to is null or g.valid_to > m.month_end)
where t.province_code is not null
