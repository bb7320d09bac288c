using System.CommandLine;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Server.Storage;

namespace Sparkwright.Cli.Commands;

/// <summary><c>sparkwright outputs</c>: the names and ids of a running platform, as <c>terraform output</c> has them.</summary>
internal static class OutputsCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data-dir") { Description = "Of the running platform", DefaultValueFactory = _ => DataDirectory.Default };
        var output = new Option<string>("--output", "-o") { Description = "text or json", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var name = new Argument<string?>("NAME") { Description = "Print the value of this output alone", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("outputs", """
            Prints the names and ids of a running platform: its cluster, its virtual cluster, the role that jobs run under.

            Examples:
              sparkwright outputs
              sparkwright outputs emr_on_eks_role_arn
              sparkwright outputs --output json
            """)
        {
            name, data, output,
        };
        command.SetAction((parsed, cancellation) => Run(parsed.GetValue(data)!, parsed.GetValue(name), parsed.GetValue(output) == "json", cancellation));
        return command;
    }

    private static async Task<int> Run(string data, string? name, bool asJson, CancellationToken cancellation)
    {
        TreeMap outputs;
        try
        {
            using var client = PlatformClient.Of(data);
            outputs = await client.Outputs(cancellation).ConfigureAwait(false);
        }
        catch (PlatformClientException mistake)
        {
            await Console.Error.WriteLineAsync($"sparkwright: {mistake.Message}").ConfigureAwait(false);
            return 1;
        }

        if (name is not null)
        {
            if (outputs[name] is not { } value)
            {
                await Console.Error.WriteLineAsync($"sparkwright: there is no output {name}; there are {string.Join(", ", outputs.Members().Select(one => one.Key))}").ConfigureAwait(false);
                return 2;
            }

            Console.Out.WriteLine(asJson ? TreeJson.Print(value) : value.Text ?? "null");
            return 0;
        }

        Console.Out.WriteLine(asJson ? TreeJson.Print(outputs) : Text(outputs));
        return 0;
    }

    internal static string Text(TreeMap outputs) => string.Join('\n', outputs.Members().Select(one => $"{one.Key} = {TreeJson.Print(one.Value)}"));
}
