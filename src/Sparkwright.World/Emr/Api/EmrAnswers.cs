using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Emr.Api;

/// <summary>What the operations answer in the same way: refusals, created resources, pages of lists.</summary>
internal static class EmrAnswers
{
    /// <summary>Entries of a page when the caller does not say, and the most that he gets.</summary>
    private const int PageSize = 100;

    /// <summary>A refusal as the wire has it: this API's ResourceNotFoundException is a 400.</summary>
    public static AwsAnswer Refuse(EmrRefusal refusal) => AwsAnswer.Refuse(refusal.Code == "InternalServerException" ? 500 : 400, refusal.Code, refusal.Message);

    public static AwsAnswer Invalid(string message) => Refuse(EmrRefusal.Invalid(message));

    /// <summary>What a call that made something answers.</summary>
    /// <param name="print">The members of the answer.</param>
    public static AwsAnswer Of(EmrResult result, Func<EmrResult.Done, TreeMap> print) => result switch
    {
        EmrResult.Done done => new AwsAnswer.Done(print(done)),
        EmrResult.Refused refused => Refuse(refused.Refusal),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Id, name and ARN of what was made.</summary>
    public static TreeMap Made(EmrResult.Done done) => TreeMap.Of(("arn", done.Arn), ("id", done.Id), ("name", done.Name));

    /// <summary>What is wrong with the ids of a call, or null.</summary>
    public static AwsAnswer? WrongIds(AwsCall call, params ReadOnlySpan<string> members)
    {
        var shape = new RequestShape();
        foreach (var member in members)
        {
            shape.Required(call.Input[member], member, 64, EmrPatterns.Id(), EmrPatterns.IdAllowed);
        }

        return shape.Problem is { } problem ? Invalid(problem) : null;
    }

    /// <summary>A page of what a list has, once its filters are found to be of the right shape.</summary>
    /// <param name="member">Of the answer.</param>
    /// <param name="states">The states that may be asked for; empty for what has none.</param>
    /// <param name="all">The entries, in order.</param>
    public static AwsAnswer Page<T>(AwsCall call, string member, string[] states, Func<ListFilter, IEnumerable<T>> all, Func<T, TreeMap> print)
    {
        var (filter, wrong) = ListFilter.Read(call, states);
        if (filter is null)
        {
            return Invalid(wrong!);
        }

        return AwsPages.Of([.. all(filter)], call, PageSize) is { } page
            ? AwsAnswer.Ok((member, AwsPages.Trees(page, print)), ("nextToken", page.Next))
            : Invalid("nextToken: is none that a list has answered");
    }
}

/// <summary>What lists are asked for: times and states.</summary>
internal sealed record ListFilter(DateTime? After, DateTime? Before, IReadOnlyList<string> States)
{
    /// <summary>Values of a filter that may be repeated.</summary>
    private const int MostValues = 10;

    public static (ListFilter? Filter, string? Problem) Read(AwsCall call, string[] known)
    {
        var shape = new RequestShape();
        var (after, before) = (Time(shape, call, "createdAfter"), Time(shape, call, "createdBefore"));
        shape.Text(call.Input["nextToken"], "nextToken", 1024);
        if (call.Input["maxResults"] is { } most && call.Number("maxResults") is null or < 1)
        {
            shape.Refuse("maxResults", most, "a whole number from 1 on");
        }

        foreach (var member in new[] { "states", "types" })
        {
            if (call.Texts(member).Count > MostValues)
            {
                shape.Refuse(member, $"{call.Texts(member).Count} values", $"at most {MostValues}");
            }
        }

        var states = call.Texts("states");
        var problem = shape.Problem ?? (known.Length > 0 && states.FirstOrDefault(state => !known.Contains(state)) is { } wrong
            ? $"1 validation error detected: Value '[{string.Join(", ", states)}]' at 'states' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [{string.Join(", ", known)}]]; {wrong} is none of them"
            : null);
        return problem is null ? (new ListFilter(after, before, states), null) : (null, problem);
    }

    public bool Admits(DateTime created) => !(created <= After) && !(created >= Before);

    public bool Admits(string state) => States.Count == 0 || States.Contains(state);

    /// <summary>The resources that it admits, the youngest first.</summary>
    public IEnumerable<ApiObject> Youngest(IEnumerable<ApiObject> all) => all
        .Where(known => Admits(known.Metadata.CreationTimestamp))
        .OrderByDescending(known => known.Metadata.CreationTimestamp)
        .ThenBy(known => known.Name, StringComparer.Ordinal);

    private static DateTime? Time(RequestShape shape, AwsCall call, string member)
    {
        if (call.Text(member) is not { } text)
        {
            return null;
        }

        if (DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
        {
            return at;
        }

        shape.Refuse(member, text, "a time such as 2026-01-01T00:00:00Z");
        return null;
    }
}
