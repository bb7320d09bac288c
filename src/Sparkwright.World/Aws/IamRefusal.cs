using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Aws;

/// <summary>Why IAM or STS refuses a call; it ends the operation wherever it is found.</summary>
internal sealed class IamRefusal(AwsError error) : Exception(error.Message)
{
    public AwsError Error { get; } = error;

    public static IamRefusal NotFound(string message) => new(new AwsError(404, "NoSuchEntity", message));

    public static IamRefusal Exists(string message) => new(new AwsError(409, "EntityAlreadyExists", message));

    public static IamRefusal InUse(string message) => new(new AwsError(409, "DeleteConflict", message));

    public static IamRefusal Limit(string message) => new(new AwsError(409, "LimitExceeded", message));

    public static IamRefusal Malformed(string message) => new(new AwsError(400, "MalformedPolicyDocument", message));

    public static IamRefusal Invalid(string message) => new(new AwsError(400, "ValidationError", message));

    public static IamRefusal Denied(string message) => new(new AwsError(403, "AccessDenied", message));

    /// <summary>An operation that answers what it is refused with.</summary>
    public static AwsOperation Guard(string name, Func<AwsCall, AwsAnswer> answer) => new(name, call =>
    {
        try
        {
            return answer(call);
        }
        catch (IamRefusal refusal)
        {
            return new AwsAnswer.Refused(refusal.Error);
        }
    });

    /// <summary>A member that has to be there, of a length and of characters that IAM takes.</summary>
    public static string Need(AwsCall call, string member, int most = 131_072, string? characters = null, int least = 1)
    {
        var text = call.Text(member) ?? throw Invalid($"1 validation error detected: Value null at '{Camel(member)}' failed to satisfy constraint: Member must not be null");
        return text.Length < least ? throw Invalid($"1 validation error detected: Value '{text}' at '{Camel(member)}' failed to satisfy constraint: Member must have length greater than or equal to {least}")
            : text.Length > most ? throw Invalid($"1 validation error detected: Value '{text}' at '{Camel(member)}' failed to satisfy constraint: Member must have length less than or equal to {most}")
            : characters is not null && !text.All(one => char.IsAsciiLetterOrDigit(one) || characters.Contains(one, StringComparison.Ordinal))
                ? throw Invalid($"The specified value for {Camel(member)} is invalid. It must contain only alphanumeric characters and/or the following: {characters}")
            : text;
    }

    private static string Camel(string member) => char.ToLowerInvariant(member[0]) + member[1..];
}
