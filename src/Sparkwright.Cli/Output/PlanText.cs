using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Blueprint;
using Spectre.Console;
using Tree = Sparkwright.Kubernetes.Objects.Tree;

namespace Sparkwright.Cli.Output;

/// <summary>A plan as people know it from Terraform: what comes, changes and goes, attribute by attribute, and the sum.</summary>
public static class PlanText
{
    /// <summary>Longer values, such as scripts, are cut.</summary>
    private const int LongestValue = 100;

    public static string Print(PlatformPlan plan, bool isDestroy, ScreenSettings settings)
    {
        var screen = new Screen(settings);
        if (plan.Changes.IsEmpty)
        {
            screen.Line(isDestroy ? "[bold]No changes.[/] There is nothing to destroy." : "[bold]No changes.[/] The platform is what the blueprint asks for.");
            return screen.Render();
        }

        screen.Line("Sparkwright will perform the following actions:\n");
        foreach (var change in plan.Changes)
        {
            screen.Line($"  [bold]# {Markup.Escape(change.Resource.Address)}[/] {Fate(change.Kind)}");
            screen.Line($"{Sign(change.Kind)} {Markup.Escape($"{change.Resource.Type}[\"{change.Resource.Key}\"] {{")}");
            foreach (var one in change.Attributes)
            {
                screen.Line("    " + Attribute(one));
            }

            if (change.Kind is ChangeKind.Update or ChangeKind.Replace && change.Unchanged > 0)
            {
                screen.Line($"        [grey]# ({Number(change.Unchanged)} unchanged {(change.Unchanged == 1 ? "attribute" : "attributes")} hidden)[/]");
            }

            screen.Line("    }\n");
        }

        screen.Line($"[bold]Plan:[/] {Number(plan.Adds)} to add, {Number(plan.Updates)} to change, {Number(plan.Destroys)} to destroy.");
        return screen.Render();
    }

    /// <summary>What has been done, in the end.</summary>
    public static string Summary(PlatformPlan plan, bool isDestroy) => isDestroy
        ? $"\nDestroy complete! Resources: {Number(plan.Destroys)} destroyed.\n"
        : $"\nApply complete! Resources: {Number(plan.Adds)} added, {Number(plan.Updates)} changed, {Number(plan.Destroys)} destroyed.\n";

    private static string Fate(ChangeKind kind) => kind switch
    {
        ChangeKind.Create => "will be created",
        ChangeKind.Update => "will be updated in-place",
        ChangeKind.Replace => "must be [red]replaced[/]",
        _ => "will be [red]destroyed[/]",
    };

    private static string Sign(ChangeKind kind) => kind switch
    {
        ChangeKind.Create => "  [green]+[/]",
        ChangeKind.Update => "  [yellow]~[/]",
        ChangeKind.Replace => "[red]-[/]/[green]+[/]",
        _ => "  [red]-[/]",
    };

    private static string Attribute(AttributeChange one)
    {
        var path = Markup.Escape(one.Path);
        return (one.Before, one.After) switch
        {
            (null, { } after) => $"  [green]+[/] {path} = {Value(after)}",
            ({ } before, null) => $"  [red]-[/] {path} = {Value(before)} -> null",
            _ => $"  [yellow]~[/] {path} = {Value(one.Before)} -> {Value(one.After)}{(one.ForcesReplacement ? " [red]# forces replacement[/]" : "")}",
        };
    }

    private static string Value(Tree? value)
    {
        var text = value is null ? "null" : TreeJson.Print(value);
        return Markup.Escape(text.Length <= LongestValue ? text : $"{text[..LongestValue]}… ({Number(text.Length)} characters)");
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
