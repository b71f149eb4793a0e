<#
.SYNOPSIS
Registers a scheduled task that runs every job of imsync.toml each night.

.DESCRIPTION
Run it once, as the user whose keyring holds the credentials (“imsync login”). The task runs while that user is logged
on; with -WhetherLoggedOnOrNot it runs always, and then takes the credentials from a file .env beside imsync.toml,
since the keyring is closed: make that file yours alone with  icacls .env /inheritance:r /grant:r "$env:USERNAME:R"

.EXAMPLE
.\Register-ImsyncTask.ps1 -Folder C:\imsync -At 02:15
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)]
    [ValidateScript({ Test-Path (Join-Path $_ 'imsync.toml') })]
    [string] $Folder,

    [datetime] $At = '02:15',

    [string] $Imsync = (Get-Command imsync.exe).Source,

    [string] $TaskName = 'imsync',

    [switch] $WhetherLoggedOnOrNot
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$log = Join-Path $Folder 'imsync.log'
# cmd.exe adds the log to the file as it comes; the exit code is the task's “last run result”.
$command = '/d /c ""{0}" run --all --quiet --log-format json 2>> "{1}""' -f $Imsync, $log
$action = New-ScheduledTaskAction -Execute "$env:SystemRoot\System32\cmd.exe" -Argument $command -WorkingDirectory $Folder
$trigger = New-ScheduledTaskTrigger -Daily -At $At
$settings = New-ScheduledTaskSettingsSet `
    -MultipleInstances IgnoreNew `
    -StartWhenAvailable `
    -ExecutionTimeLimit (New-TimeSpan -Hours 6)
$logon = if ($WhetherLoggedOnOrNot) { 'S4U' } else { 'Interactive' }
$principal = New-ScheduledTaskPrincipal -UserId "$env:USERDOMAIN\$env:USERNAME" -LogonType $logon -RunLevel Limited

if ($PSCmdlet.ShouldProcess($TaskName, 'Register the scheduled task')) {
    Register-ScheduledTask -TaskName $TaskName -Action $action -Trigger $trigger -Settings $settings `
        -Principal $principal -Force | Out-Null
}
