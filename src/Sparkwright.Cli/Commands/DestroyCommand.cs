using System.CommandLine;

namespace Sparkwright.Cli.Commands;

/// <summary><c>sparkwright destroy</c>: takes a running platform down in the reverse order of its building.</summary>
internal static class DestroyCommand
{
    public static Command Create()
    {
        var options = new PlatformOptions();
        var command = options.Add(
            new Command("destroy", """
                Takes the platform down: add-ons, observability, teams, cluster, network. Nodes are drained and their instances terminated. With a module, what
                needs it goes too, as terraform destroy -target has it. A job run that has not ended stands against it.

                Examples:
                  sparkwright destroy
                  sparkwright destroy --only addons --auto-approve
                """),
            hasBlueprint: false,
            hasModules: true,
            asks: true);
        command.SetAction((parsed, cancellation) => ApplyCommand.Run(options.Read(parsed, isDestroy: true), cancellation));
        return command;
    }
}
