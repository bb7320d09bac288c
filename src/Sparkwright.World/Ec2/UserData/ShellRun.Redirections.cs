using System.Collections.Immutable;

namespace Sparkwright.World.Ec2.UserData;

internal sealed partial class ShellRun
{
    private sealed record Streams(ShellInput Input, string? OutputTo, bool Append);

    /// <summary>Where input comes from and output goes; null when that cannot be.</summary>
    private Streams? Redirect(ImmutableArray<Redirection> redirections, ShellInput input)
    {
        string? outputTo = null;
        var append = false;
        foreach (var redirection in redirections)
        {
            switch (redirection.Operator)
            {
                case "<<":
                    input = new ShellInput(redirection.Literal ? redirection.Target : words.Document(redirection.Target));
                    break;
                case "<<<":
                    input = new ShellInput(words.Text(redirection.Target) + "\n");
                    break;
                case "<" when redirection.Target.StartsWith("<(", StringComparison.Ordinal):
                    input = new ShellInput(Substitute(redirection.Target[2..^1]) + "\n");
                    break;
                case "<":
                    var source = BootFiles.Normal(words.Text(redirection.Target), workingDirectory);
                    if (!Files.HasFile(source) && !source.StartsWith("/dev/", StringComparison.Ordinal) && !source.StartsWith("/proc/", StringComparison.Ordinal))
                    {
                        Fail($"{source}: no such file");
                        return null;
                    }

                    input = new ShellInput(Files.Read(source));
                    break;
                case ">&" or "&>" or "&>>" or ">" or ">>" or ">|" when redirection.Descriptor is -1 or 1 && !redirection.Target.StartsWith(">(", StringComparison.Ordinal):
                    var target = words.Text(redirection.Target);
                    append = redirection.Operator is ">>" or "&>>";
                    var isDescriptor = redirection.Operator == ">&" && target is "1" or "2" or "-";
                    outputTo = isDescriptor ? target == "1" ? null : "" : BootFiles.Normal(target, workingDirectory);
                    if (outputTo.AsSpan().StartsWith("/dev/"))
                    {
                        outputTo = "";
                    }
                    else if (outputTo is { Length: > 0 } && !Files.HasDirectory(BootFiles.ParentOf(outputTo)))
                    {
                        Fail($"{outputTo}: no such directory");
                        return null;
                    }

                    break;
            }
        }

        return new Streams(input, outputTo, append);
    }
}
